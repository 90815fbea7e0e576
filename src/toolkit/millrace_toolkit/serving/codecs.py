"""Bodies of requests and answers in the formats that the public framework containers read and write by default."""

import io
import json
import zipfile

JSON, CSV, NPY = "application/json", "text/csv", "application/x-npy"
TEXTS = (JSON, CSV)
# What a client that accepts anything gets.
ANYTHING = ("", "*/*", "application/*", "text/*")


class Refused(Exception):
    """A request that cannot be answered, with the HTTP status that says so."""

    def __init__(self, status, message):
        self.status = status
        super().__init__(message)


def media_type(text):
    """"text/csv; charset=utf-8" without its parameters."""
    return text.partition(";")[0].strip().lower()


def as_object(body, content_type):
    """A body as Python values: of JSON what it says, of CSV and NPY an array."""
    kind = media_type(content_type)
    try:
        if kind == JSON:
            return json.loads(body)
        if kind == CSV:
            return _csv_array(body)
        if kind == NPY:
            import numpy
            values = numpy.load(io.BytesIO(body), allow_pickle=False)
            if not isinstance(values, numpy.ndarray):
                raise ValueError("it is an archive of arrays, expected one array as numpy.save writes it")
            return values
    except (ValueError, EOFError, zipfile.BadZipFile) as error:
        raise Refused(400, f"the request's body is not {kind}: {error}") from error
    raise Refused(415, f"Content-Type: got {content_type!r}, expected {JSON}, {CSV} or {NPY}. Other types need an input_fn "
                       "in the script.")


def as_array(body, content_type):
    """A body as a NumPy array; of texts in single precision."""
    import numpy
    values = as_object(body, content_type)
    if media_type(content_type) not in TEXTS:
        return values
    try:
        return numpy.asarray(values, dtype=numpy.float32)
    except (TypeError, ValueError) as error:
        raise Refused(400, f"the request's body is no array of numbers: {error}") from error


def _csv_array(text):
    import numpy
    rows = [line.split(",") for line in text.splitlines() if line.strip()]
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise Refused(400, f"the request's body, row {number}: got {len(row)} columns, expected {len(rows[0])} as in row 1")
    return numpy.array([[float(cell) for cell in row] for row in rows], dtype=numpy.float32)


def encode(prediction, accept):
    """The first type of `accept` that is known, and the prediction written in it."""
    for wanted in map(media_type, accept.split(",")):
        if wanted in ANYTHING or wanted == JSON:
            return json.dumps(prediction, default=_plain), JSON
        if wanted == CSV:
            return _csv_text(prediction), CSV
        if wanted == NPY:
            import numpy
            buffer = io.BytesIO()
            numpy.save(buffer, numpy.asarray(prediction), allow_pickle=False)
            return buffer.getvalue(), NPY
    raise Refused(406, f"Accept: got {accept!r}, expected {JSON}, {CSV} or {NPY}. Other types need an output_fn in the script.")


def _plain(value):
    """Arrays and numbers of NumPy for the JSON writer."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"predict_fn returned a {type(value).__name__}, which JSON cannot hold; write an output_fn")


def _csv_text(prediction):
    import numpy
    values = numpy.asarray(prediction)
    rows = values.reshape(len(values), -1) if values.ndim else values.reshape(1, 1)
    return "".join(",".join(str(cell) for cell in row) + "\n" for row in rows.tolist())
