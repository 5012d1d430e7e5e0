"""The one exception of the package."""


class Error(RuntimeError):
    """What went wrong: a sentence for people, and a kind for programs.

    ``kind`` is one of ``invalid_argument``, ``not_found``, ``io``, ``malformed_file``,
    ``unsupported``, ``mismatch``, ``device``, ``timeout``, ``out_of_memory``, ``busy``,
    ``cancelled``, ``internal``.
    """

    kind: str

    def __init__(self, sentence: str, kind: str) -> None:
        super().__init__(sentence, kind)
        self.kind = kind

    def __str__(self) -> str:
        return str(self.args[0])
