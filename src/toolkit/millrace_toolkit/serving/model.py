"""The user's script as a model that answers requests."""

import importlib
import sys

from millrace_toolkit.failures import CustomerError
from millrace_toolkit.launch import module_name
from millrace_toolkit.serving import codecs
from millrace_toolkit.serving.defaults import defaults_of


class Model:
    """`program` is the script below `code`, or None: then the framework's defaults are all there is."""

    def __init__(self, framework, model_dir, code=None, program=None):
        script = _import(code, program) if program else None
        defaults = defaults_of(framework)

        def function(name):
            return getattr(script, name, None) or getattr(defaults, name)

        self._input, self._predict, self._output = function("input_fn"), function("predict_fn"), function("output_fn")
        self._transform = getattr(script, "transform_fn", None)
        if self._transform and any(hasattr(script, name) for name in ("input_fn", "predict_fn", "output_fn")):
            raise CustomerError(f"{program} defines transform_fn, which does all, beside input_fn, predict_fn or output_fn. "
                                "Keep one or the others.")
        self._model = function("model_fn")(str(model_dir))

    def answer(self, body, content_type, accept):
        """Bytes and their content type. Raises Refused, or whatever the script raises."""
        data = body
        if codecs.media_type(content_type) in codecs.TEXTS:
            try:
                data = body.decode("utf-8")
            except UnicodeDecodeError as error:
                raise codecs.Refused(400, f"the request's body is not UTF-8: {error}") from error
        if self._transform:
            said = self._transform(self._model, data, content_type, accept)
        else:
            said = self._output(self._predict(self._input(data, content_type), self._model), accept)
        content, kind = said if isinstance(said, tuple) else (said, accept)
        if codecs.media_type(kind) in codecs.ANYTHING or "," in kind:
            kind = codecs.JSON
        if isinstance(content, str):
            content = content.encode("utf-8")
        if not isinstance(content, (bytes, bytearray, memoryview)):
            raise TypeError(f"{'transform_fn' if self._transform else 'output_fn'} returned a {type(content).__name__}, "
                            "expected str, bytes, or one of these with its content type")
        return bytes(content), kind


def _import(code, program):
    if not (code / program).is_file():
        raise CustomerError(f"SAGEMAKER_PROGRAM: got {program!r}, expected a file of {code}.")
    sys.path.insert(0, str(code))
    return importlib.import_module(module_name(program).replace("/", "."))
