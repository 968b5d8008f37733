"""Works off the sidecar's jobs, a few at once. A message names a task and its arguments: {"task": "send", "args": {"to": "a@b"}}.

    worker = Worker()

    @worker.task
    def send(job, to):
        ...

    worker.run(threads=4)

A task that raises comes back after a while, one that raises Retry after as long as it says, and one that raises GiveBack at
once. A long one looks at `job.stopping` now and then. Python 3.8 or later, standard library only.
"""

import json
import logging
import os
import signal
import threading
import urllib.error
import urllib.parse
import urllib.request

DEFAULT_URL = "http://127.0.0.1:8383"
WAIT_SECONDS = 20
LEASE_SECONDS = 30
TIMEOUT_SECONDS = 5
PAUSE_SECONDS = 1

log = logging.getLogger(__name__)

# The sidecar is in the same task: no proxy leads there.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Retry(Exception):
    def __init__(self, after_seconds, reason="to be tried again"):
        super().__init__(reason)
        self.after_seconds = after_seconds


class GiveBack(Exception):
    """For another worker to go on with, e.g. once it is saved how far this one came."""


class Job:
    def __init__(self, sidecar, given):
        self.message_id = given["messageId"]
        self.body = given["body"]
        self.queue = given["queue"]
        self.receive_count = given["receiveCount"]
        self.attributes = given["attributes"]
        # Set once the task has to end, with how long it may go on; what isn't done by then is given back.
        self.stopping = threading.Event()
        self.remaining_seconds = None
        # Set once another worker may have the job: what this one does is for nothing.
        self.lost = threading.Event()
        self._sidecar = sidecar
        self._id = given["id"]
        self._lease_seconds = given["leaseSeconds"]
        self._ended = threading.Event()

    def __enter__(self):
        self._beating = threading.Thread(target=self._beat, daemon=True)
        self._beating.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._beating.join()

    def end(self, verb, **said):
        status, answer = self._sidecar.say(self._id, verb, said)
        if status != 200:
            log.warning("%s: %s isn't heard: %s", self.message_id, verb, answer)

    def _beat(self):
        while not self._ended.wait(self._lease_seconds / 3):
            status, answer = self._sidecar.say(self._id, "heartbeat", {})
            if status == 200 and answer["stopping"]:
                self.remaining_seconds = answer["remainingSeconds"]
                self.stopping.set()
            if status in (404, 409, 410):
                self.lost.set()
                return


class Sidecar:
    def __init__(self, url=None):
        self.url = url or os.environ.get("SPOTPROOF_SIDECAR_URL", DEFAULT_URL)

    def next(self):
        """A status and a job: 200 with one, 204 with none, 503 where there will be none any more, None where nobody answers."""
        query = f"waitSeconds={WAIT_SECONDS}&leaseSeconds={LEASE_SECONDS}"
        return self.ask("GET", f"/job?{query}", timeout=WAIT_SECONDS + TIMEOUT_SECONDS)

    def say(self, job_id, verb, said):
        return self.ask("POST", f"/job/{urllib.parse.quote(job_id, safe='')}/{verb}", said)

    def stop(self):
        return self.ask("POST", "/stop")

    def ask(self, method, path, said=None, timeout=TIMEOUT_SECONDS):
        data = None if said is None else json.dumps(said).encode()
        request = urllib.request.Request(self.url + path, data=data, method=method)
        try:
            with opener.open(request, timeout=timeout) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except (OSError, ValueError) as error:
            log.warning("%s %s: %s", method, path, error)
            return None, str(error)


class Worker:
    def __init__(self, sidecar=None):
        self.sidecar = sidecar or Sidecar()
        self.tasks = {}
        self._stopped = threading.Event()

    def task(self, function):
        self.tasks[function.__name__] = function
        return function

    def run(self, threads=1):
        """Returns once the task stops and every job is done or given back."""
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=self.stop).start())
        loops = [threading.Thread(target=self._loop) for _ in range(threads)]
        for loop in loops:
            loop.start()
        for loop in loops:
            loop.join()

    def stop(self):
        """ECS may tell this container to stop before it tells the sidecar."""
        self._stopped.set()
        self.sidecar.stop()

    def _loop(self):
        while not self._stopped.is_set():
            status, given = self.sidecar.next()
            if status == 503:
                return
            if status == 200:
                self._work(Job(self.sidecar, given))
            elif status != 204:
                self._stopped.wait(PAUSE_SECONDS)

    def _work(self, job):
        with job:
            try:
                message = json.loads(job.body)
                self.tasks[message["task"]](job, **message.get("args", {}))
                job.end("done")
            except GiveBack as reason:
                job.end("giveBack", reason=str(reason))
            except Retry as retry:
                job.end("failed", reason=str(retry), retryAfterSeconds=retry.after_seconds)
            except Exception as error:
                log.exception("%s failed", job.message_id)
                job.end("failed", reason=repr(error)[:1000])


if __name__ == "__main__":
    worker = Worker()

    @worker.task
    def send(job, to):
        if "@" not in to:
            raise ValueError(f"{to} is no address")
        print(json.dumps({"kind": "sent", "to": to}), flush=True)

    worker.run(threads=2)
