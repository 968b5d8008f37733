import { protectRequests } from "../../../runtime";
import { answer, serve, work } from "./serve";

const protect = protectRequests(work);

serve((shutdown) => (request, response) => {
  protect(request, response, () => {
    if (request.url === "/health") shutdown().health(request, response);
    else answer(request, response);
  });
});
