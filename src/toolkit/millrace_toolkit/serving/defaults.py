"""What is done where a script defines no function of its own, by framework, as the public inference containers do it."""

from millrace_toolkit.failures import CustomerError
from millrace_toolkit.serving import codecs


class Defaults:
    """Of plain Python: values in, values out."""

    def model_fn(self, model_dir):
        raise CustomerError(f"the script defines no model_fn(model_dir), which is to load the model from {model_dir}.")

    def input_fn(self, body, content_type):
        return codecs.as_object(body, content_type)

    def predict_fn(self, data, model):
        raise CustomerError("the script defines no predict_fn(data, model).")

    def output_fn(self, prediction, accept):
        return codecs.encode(prediction, accept)


class ScikitLearn(Defaults):
    def input_fn(self, body, content_type):
        return codecs.as_array(body, content_type)

    def predict_fn(self, data, model):
        return model.predict(data)


class Xgboost(Defaults):
    def input_fn(self, body, content_type):
        import xgboost
        return xgboost.DMatrix(codecs.as_array(body, content_type))

    def predict_fn(self, data, model):
        return model.predict(data)


class PyTorch(Defaults):
    def model_fn(self, model_dir):
        """The one TorchScript file of the model."""
        import pathlib
        import torch
        files = sorted(path for path in pathlib.Path(model_dir).iterdir() if path.suffix in (".pt", ".pth"))
        if len(files) != 1:
            raise CustomerError(f"the script defines no model_fn(model_dir), and the model holds {len(files)} files that end in "
                                ".pt or .pth; one, made by torch.jit.save, could be loaded without.")
        return torch.jit.load(str(files[0]), map_location="cpu").eval()

    def input_fn(self, body, content_type):
        import torch
        return torch.from_numpy(codecs.as_array(body, content_type))

    def predict_fn(self, data, model):
        import torch
        with torch.no_grad():
            return model(data)

    def output_fn(self, prediction, accept):
        if hasattr(prediction, "detach"):
            prediction = prediction.detach().cpu().numpy()
        return codecs.encode(prediction, accept)


_OF_FRAMEWORK = {"pytorch": PyTorch, "huggingface": PyTorch, "scikit-learn": ScikitLearn, "xgboost": Xgboost}


def defaults_of(framework):
    return _OF_FRAMEWORK.get(framework, Defaults)()
