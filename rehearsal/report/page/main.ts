import "uplot/dist/uPlot.min.css";
import "./style.css";
import { App } from "./app";
import { unpack } from "./unpack";

/** The command is there to be run again. */
function offerCopy(): void {
  const button = document.getElementById("copy") as HTMLButtonElement;
  if (!("clipboard" in navigator)) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    const told = document.getElementById("copied")!;
    navigator.clipboard.writeText(document.getElementById("command")!.textContent).then(
      () => (told.textContent = "Copied."),
      () => (told.textContent = "The browser doesn’t let this page copy: select the command instead."),
    );
  });
}

offerCopy();
const place = document.getElementById("app")!;
unpack().then(
  (data) => {
    if (Object.keys(data.recordings).length > 0) new App(data, place);
    document.documentElement.dataset.ready = "true";
  },
  (error: unknown) => {
    place.textContent = `The data of this page can't be read: ${String(error)}. It needs a browser of 2023 or later.`;
  },
);
