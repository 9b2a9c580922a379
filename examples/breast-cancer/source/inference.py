"""Serves the example's model in SageMaker's scikit-learn container: CSV rows in, one probability of malignancy a line out."""

import io
import os

import joblib
import numpy


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))


def input_fn(data, content_type):
    """One tumour a line: the 30 measurements in the order of the training data, no header, no label."""
    if content_type.split(";")[0].strip().lower() != "text/csv":
        raise ValueError("content type %s is not supported: send text/csv" % content_type)
    text = data.decode("utf-8") if isinstance(data, (bytes, bytearray)) else data
    if not text.strip():
        raise ValueError("the request has no rows")
    return numpy.loadtxt(io.StringIO(text), delimiter=",", ndmin=2)


def predict_fn(rows, model):
    if rows.shape[1] != len(model["names"]):
        raise ValueError("a row must have %d values, got %d" % (len(model["names"]), rows.shape[1]))
    return model["model"].predict_proba(rows[:, : model["used"]])[:, 1]


def output_fn(probabilities, accept):
    """Seventeen significant digits: what the model said, to the last bit."""
    return "".join("%r\n" % float(value) for value in probabilities), "text/csv"
