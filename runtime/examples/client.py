"""Tells the sidecar what this process works on, so that ECS doesn't stop the task meanwhile.

    sidecar = Sidecar()
    with sidecar.unit("job-42"):
        work()

Protection that fails is logged and never raised into the work. Python 3.8 or later, standard library only.
"""

import contextlib
import http.client
import logging
import os
import threading
import urllib.parse
import urllib.request
import uuid

DEFAULT_URL = "http://127.0.0.1:8383"
TIMEOUT_SECONDS = 2

log = logging.getLogger(__name__)

# The sidecar is in the same task: no proxy leads there.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Sidecar:
    def __init__(self, url=None):
        self.url = url or os.environ.get("SPOTPROOF_SIDECAR_URL", DEFAULT_URL)

    @contextlib.contextmanager
    def unit(self, unit_id=None, ttl_seconds=900):
        """One unit of work. It is renewed while it lasts; should this process die, it ends after `ttl_seconds`."""
        unit_id = unit_id or str(uuid.uuid4())
        ended = threading.Event()
        self._call("PUT", unit_id, ttl_seconds)
        renewing = threading.Thread(target=self._renew, args=(ended, unit_id, ttl_seconds), daemon=True)
        renewing.start()
        try:
            yield unit_id
        finally:
            ended.set()
            # A renewal under way must not begin again what has ended.
            renewing.join()
            self._call("DELETE", unit_id)

    def _renew(self, ended, unit_id, ttl_seconds):
        while not ended.wait(ttl_seconds / 3):
            self._call("PUT", unit_id, ttl_seconds)

    def _call(self, method, unit_id, ttl_seconds=None):
        query = "" if ttl_seconds is None else f"?ttlSeconds={ttl_seconds}"
        url = f"{self.url}/units/{urllib.parse.quote(unit_id, safe='')}{query}"
        try:
            request = urllib.request.Request(url, method=method)
            with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                answer.read()
        except (OSError, http.client.HTTPException) as error:
            log.warning("work protection: %s %s: %s", method, url, error)
