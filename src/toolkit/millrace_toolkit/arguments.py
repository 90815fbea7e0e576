"""The script's hyperparameters as its command line."""


def command_line(hyperparameters):
    """Sorted by name: `--name value`, `-n value` for names of one letter. An object becomes a=1,b=2, null an empty argument,
    everything else its Python text, so True and [1, 2]."""
    arguments = []
    for name in sorted(hyperparameters):
        arguments += [("--" if len(name) > 1 else "-") + name, _text(hyperparameters[name])]
    return arguments


def _text(value):
    if value is None:
        return ""
    if isinstance(value, dict):
        return ",".join(f"{key}={value[key]}" for key in sorted(value))
    return str(value)
