"""What goes wrong, and how the platform hears of it: the failure file, whose text becomes FailureReason."""

import traceback


class CustomerError(Exception):
    """The request, the code archive or the model is wrong, and this sentence says how to put it right."""


class CommandError(Exception):
    """A command that ended badly, told the way the public framework containers tell it.

    `name` is ExecuteUserScriptError or InstallRequirementsError; `code` 128 + s when signal s ended it.
    """

    def __init__(self, name, code, message, command):
        self.name, self.code, self.message, self.command = name, code, message, command
        super().__init__(str(self))

    def __str__(self):
        lines = [f"{self.name}:", f"ExitCode {self.code}", f'ErrorMessage "{self.message}"']
        if self.code == 137:
            lines.append('ExtraInfo "killed by signal 9, as the kernel does when memory runs out"')
        lines.append(f'Command "{self.command}"')
        return "\n".join(lines)


def failure_text(error):
    if isinstance(error, CommandError):
        return str(error)
    if isinstance(error, CustomerError):
        # The platform keeps this prefix, and so blames the request instead of the algorithm.
        return f"ClientError: {error}"
    return "Framework Error:\n" + "".join(traceback.format_exception(error))


def write_failure(path, error):
    """Never over one that is there: the script's own word is worth more than ours."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(failure_text(error))
    except FileExistsError:
        pass


def last_exception(standard_error):
    """Of what a Python program left on standard error, the exception that ended it, without the frames; of a text without
    a traceback its end."""
    lines = standard_error.rstrip().splitlines()
    marks = [i for i, line in enumerate(lines) if line.startswith("Traceback (most recent call last):")]
    if not marks:
        return "\n".join(lines[-10:])
    for i in range(marks[-1] + 1, len(lines)):
        if lines[i] and not lines[i][0].isspace():
            return "\n".join(lines[i:])
    return ""
