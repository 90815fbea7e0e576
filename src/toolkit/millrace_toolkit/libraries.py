"""Which interpreter and libraries this machine really has, whatever the tag of the image says."""

import importlib.metadata
import importlib.util
import platform

# Module to import, and the distribution that says its version.
LIBRARIES = {"torch": "torch", "torchvision": "torchvision", "numpy": "numpy", "scipy": "scipy",
             "pandas": "pandas", "sklearn": "scikit-learn", "xgboost": "xgboost", "transformers": "transformers"}
# The module that a framework is named after.
FRAMEWORK_MODULES = {"pytorch": "torch", "scikit-learn": "sklearn", "xgboost": "xgboost", "huggingface": "transformers"}


def version(module):
    """Of an importable module, found without importing it; "unknown" without metadata, None when there is none."""
    if importlib.util.find_spec(module) is None:
        return None
    try:
        return importlib.metadata.version(LIBRARIES.get(module, module))
    except importlib.metadata.PackageNotFoundError:
        return "unknown"


def describe():
    versions = {module: version(module) for module in LIBRARIES}
    return {"Python": platform.python_version(),
            "Libraries": {module: found for module, found in versions.items() if found is not None}}


def sentence():
    """"Python 3.11.2 with torch 1.13.0a0, numpy 1.24.2"."""
    told = describe()
    libraries = ", ".join(f"{module} {found}" for module, found in told["Libraries"].items())
    return f"Python {told['Python']}" + (f" with {libraries}" if libraries else "")
