"""Works on two units by the example client, one inside the other, and goes on as its standard input says."""

import importlib.util
import sys

spec = importlib.util.spec_from_file_location("client", sys.argv[1])
client = importlib.util.module_from_spec(spec)
spec.loader.exec_module(client)

sidecar = client.Sidecar()
with sidecar.unit("outer"):
    with sidecar.unit("inner", ttl_seconds=float(sys.argv[2])):
        print("working", flush=True)
        sys.stdin.readline()
    print("inner ended", flush=True)
    sys.stdin.readline()
print("ended", flush=True)
