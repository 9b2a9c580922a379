"""A model's own inference code behind one function: answer(body, content_type, accept, headers).

Follows the observable rules of AWS's scikit-learn container (sagemaker-containers 2.8.6, sagemaker-inference 1.10.1):
model_fn is required; transform_fn excludes input_fn, predict_fn and output_fn; each may take one argument more, the
context; what is missing has a default. An unsupported request type gives 415, an unsupported answer type 406.
"""

import importlib
import inspect
import os
import sys
import traceback

import codecs_default as formats


class SetupError(Exception):
    """The model cannot be served; the message says why."""


class Context:
    """What the toolkit hands to functions that take one more argument."""

    def __init__(self, model_dir, headers=None):
        self.system_properties = {"model_dir": model_dir}
        self._headers = headers or {}

    def get_request_header(self, _index, name):
        return self._headers.get(name.lower())

    def get_all_request_header(self, _index):
        return dict(self._headers)


def _takes(function, count):
    """How many of (count, count + 1) arguments the function takes."""
    parameters = len(inspect.signature(function).parameters)
    if parameters not in (count, count + 1):
        raise SetupError("%s takes %d arguments but %d were given" % (function.__name__, parameters, count))
    return parameters


def default_input_fn(data, content_type):
    array = formats.decode(data, content_type)
    return array.astype("float32") if content_type in formats.TEXT else array


def default_predict_fn(data, model):
    return model.predict(data)


def default_output_fn(prediction, accept):
    return formats.encode(prediction, accept), accept


class Handlers:
    def __init__(self, program, module_dir, model_dir):
        self.model_dir = model_dir
        self.default_accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", formats.JSON)
        sys.path.insert(0, module_dir)
        name = program[:-3] if program.endswith(".py") else program
        try:
            module = importlib.import_module(name.replace("/", "."))
        except ModuleNotFoundError as fault:
            if fault.name == name:
                found = ", ".join(sorted(os.listdir(module_dir))) if os.path.isdir(module_dir) else "no such folder"
                raise SetupError("no module %s in SAGEMAKER_SUBMIT_DIRECTORY, which holds: %s" % (name, found)) from fault
            raise
        own = {f: getattr(module, f, None) for f in ("model_fn", "transform_fn", "input_fn", "predict_fn", "output_fn")}
        if not own["model_fn"]:
            raise SetupError("Please provide a model_fn implementation in %s.py" % name)
        if own["transform_fn"] and (own["input_fn"] or own["predict_fn"] or own["output_fn"]):
            raise SetupError("Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn")
        self.transform_fn = own["transform_fn"]
        self.input_fn = own["input_fn"] or default_input_fn
        self.predict_fn = own["predict_fn"] or default_predict_fn
        self.output_fn = own["output_fn"] or default_output_fn
        self.model = self._call(own["model_fn"], Context(model_dir), model_dir)

    @staticmethod
    def _call(function, context, *arguments):
        return function(*arguments) if _takes(function, len(arguments)) == len(arguments) else function(*arguments, context)

    def answer(self, body, content_type, accept, headers):
        """(status, content type, bytes). Never raises for a fault of the model's code: that is a 500 with its message."""
        content_type = content_type or formats.JSON
        accept = self.default_accept if not accept or accept == formats.ANY else accept
        context = Context(self.model_dir, headers)
        stage = 500
        try:
            data = body.decode("utf-8") if content_type in formats.TEXT else body
            if self.transform_fn:
                result = self._call(self.transform_fn, context, self.model, data, content_type, accept)
            else:
                stage = 415
                decoded = self._call(self.input_fn, context, data, content_type)
                stage = 500
                prediction = self._call(self.predict_fn, context, decoded, self.model)
                stage = 406
                result = self._call(self.output_fn, context, prediction, accept)
        except Exception as fault:  # noqa: BLE001 - the model's own code may raise anything
            status = stage if isinstance(fault, formats.UnsupportedFormat) else 500
            traceback.print_exc()
            message = formats.encode({"error": type(fault).__name__, "error-message": str(fault)}, formats.JSON)
            return status, formats.JSON, message.encode("utf-8")
        response, response_type = result if isinstance(result, tuple) else (result, accept)
        if not isinstance(response, (bytes, bytearray)):
            response = str(response).encode("utf-8")
        return 200, response_type, bytes(response)
