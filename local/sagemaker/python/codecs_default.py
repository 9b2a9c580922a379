"""The default request and response formats of AWS's scikit-learn container: CSV, JSON, NPY and NPZ (in only).

Content types are compared exactly, as there: `text/csv; charset=utf-8` is not supported unless the model's own input_fn
takes it. NumPy is imported on use, so that a model with its own handlers does not pay for it here.
"""

import io
import json

JSON, CSV, NPY, NPZ, ANY = "application/json", "text/csv", "application/x-npy", "application/x-npz", "*/*"
TEXT = (JSON, CSV)


class UnsupportedFormat(Exception):
    """No default decoder or encoder for this type."""

    def __init__(self, content_type):
        super().__init__(
            "Content type %s is not supported by this framework. Please implement input_fn to deserialize the "
            "request data or an output_fn to serialize the response." % content_type
        )


def decode(data, content_type):
    import numpy

    if content_type == CSV:
        return numpy.genfromtxt(io.StringIO(data), dtype=None, delimiter=",")
    if content_type == JSON:
        return numpy.array(json.loads(data))
    if content_type == NPY:
        # The container allows pickles here; a request is no place for code, so this stand-in does not.
        return numpy.load(io.BytesIO(data), allow_pickle=False)
    if content_type == NPZ:
        import scipy.sparse

        return scipy.sparse.load_npz(io.BytesIO(data))
    raise UnsupportedFormat(content_type)


def _plain(value):
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError("%s is not JSON serializable" % type(value).__name__)


def encode(value, accept):
    if accept == JSON:
        return json.dumps(value, default=_plain)
    if accept == CSV:
        import numpy

        text = io.StringIO()
        numpy.savetxt(text, value, delimiter=",", fmt="%s")
        return text.getvalue()
    if accept == NPY:
        import numpy

        buffer = io.BytesIO()
        numpy.save(buffer, value)
        return buffer.getvalue()
    raise UnsupportedFormat(accept)
