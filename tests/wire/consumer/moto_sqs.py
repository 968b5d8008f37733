"""moto's SQS for queues of thousands of messages, on a free port, for as long as somebody holds our standard input open.

moto counts every message of a queue several times in each call, and a call with 5,000 of them takes seconds. Here they are
counted where somebody asks for the counts, and the clock that is read for each of them is a plain one. Two calls that come in
one moment get the same message of moto; here, one waits for the other.
"""

import json
import os
import sys
import threading
import time

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.sqs import models
from werkzeug.serving import make_server

COUNTS = [name for name in models.Queue.BASE_ATTRIBUTES if name.startswith("ApproximateNumberOfMessages")]


def get_queue_attributes(self, queue_name, attribute_names):
    asked = COUNTS if "All" in attribute_names else [name for name in attribute_names if name in COUNTS]
    others = all_but_counts(self, queue_name, [name for name in attribute_names if name not in COUNTS])
    queue = self.get_queue(queue_name)
    return {**others, **{name: getattr(queue, models.camelcase_to_underscores(name)) for name in asked}}


def delete_message(self, receipt_handle):
    with one_at_a_time:
        if receipt_handle not in self.deleted_messages:
            delete_from_list(self, receipt_handle)


def delete_from_list(self, receipt_handle):
    """moto makes a new list without the message."""
    message = next((each for each in self._messages if each.had_receipt_handle(receipt_handle)), None)
    if message is None:
        raise models.ReceiptHandleIsInvalid()
    self.pending_messages.discard(message)
    self.deleted_messages.update(message.all_receipt_handles)
    self._messages.remove(message)


def receive_message(self, queue_name, count, wait_seconds_timeout, *rest):
    end = time.time() + wait_seconds_timeout
    while True:
        with one_at_a_time:
            messages = receive_at_once(self, queue_name, count, 0, *rest)
        if messages or time.time() >= end:
            return messages
        self.get_queue(queue_name).wait_for_messages(1)


one_at_a_time = threading.Lock()
receive_at_once = models.SQSBackend.receive_message
models.SQSBackend.receive_message = receive_message
all_but_counts = models.SQSBackend.get_queue_attributes
models.SQSBackend.get_queue_attributes = get_queue_attributes
models.Queue.BASE_ATTRIBUTES = [name for name in models.Queue.BASE_ATTRIBUTES if name not in COUNTS]
models.Queue.delete_message = delete_message
models.unix_time_millis = lambda *_: time.time() * 1000


def end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


class QuietHandler(MotoRequestHandler):
    def log_request(self, *_):
        pass


threading.Thread(target=end_with_parent, daemon=True).start()
application = DomainDispatcherApplication(create_backend_app)
server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=QuietHandler)
print(json.dumps({"kind": "listening", "port": server.port}), flush=True)
server.serve_forever()
