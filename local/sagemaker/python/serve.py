"""A model server without the container: `serve.py CONFIG`, a JSON file with {model_dir, model_archive, code_dir, code_archive, module_dir, program, max_body}.

Unpacks the archives, loads the model, then listens on a free port of 127.0.0.1 and speaks SageMaker's container
contract: GET /ping, POST /invocations. Reports over file descriptor 3 in one JSON line: {"port": N} when ready, {"error": "…"} when not.
"""

import json
import os
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import archive
import lifeline


def report(value):
    with os.fdopen(3, "w", encoding="utf-8") as file:
        file.write(json.dumps(value) + "\n")


def step_aside():
    """Leave the module names to the model's own code, which may have a handlers.py or an archive.py of its own."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]
    for name, module in list(sys.modules.items()):
        if name != "__main__" and (getattr(module, "__file__", None) or "").startswith(here + os.sep):
            del sys.modules[name]


def handler_class(handlers, max_body):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def reply(self, status, content_type=None, body=b""):
            self.send_response(status)
            if content_type:
                self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.reply(200 if self.path == "/ping" else 404)

        def do_POST(self):
            length = int(self.headers.get("Content-Length") or 0)
            if length > max_body:
                self.close_connection = True
                self.reply(413)
                return
            body = self.rfile.read(length)
            if self.path != "/invocations":
                self.reply(404)
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            self.reply(*handlers.answer(body, headers.get("content-type"), headers.get("accept"), headers))
            sys.stdout.flush()

        def log_message(self, format, *args):
            pass

    return Handler


class Server(ThreadingHTTPServer):
    # socketserver's own 5 drops connections when many callers come at once.
    request_queue_size = 128
    daemon_threads = True


def main(path):
    lifeline.hold()
    os.dup2(1, 2)
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    try:
        if config.get("model_archive"):
            try:
                archive.unpack(config["model_archive"], config["model_dir"])
            except archive.ArchiveError as fault:
                raise archive.ArchiveError("ModelDataUrl: %s" % fault) from fault
        if config.get("code_archive"):
            try:
                archive.unpack(config["code_archive"], config["code_dir"])
            except archive.ArchiveError as fault:
                raise archive.ArchiveError("SAGEMAKER_SUBMIT_DIRECTORY: %s" % fault) from fault
        from handlers import Handlers

        step_aside()
        handlers = Handlers(config["program"], config["module_dir"], config["model_dir"])
        server = Server(("127.0.0.1", 0), handler_class(handlers, config["max_body"]))
    except BaseException as fault:  # noqa: BLE001 - the model's own code may raise anything, SystemExit included
        traceback.print_exc()
        report({"error": "%s: %s" % (type(fault).__name__, fault)})
        return 1
    report({"port": server.server_address[1]})
    server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
