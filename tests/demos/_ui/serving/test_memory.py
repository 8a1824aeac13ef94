"""A server that stays up."""

from demos._ui.serving import memory


def test_memory_is_given_back_without_a_word() -> None:
    memory.stay_modest()
    memory.trim()
