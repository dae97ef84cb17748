"""What a password's hash costs whoever guesses."""

from belvedere.agents.passwords import Cost, Passwords


def test_a_password_costs_three_passes_of_argon2id_over_64_mebibytes_unless_another_cost_is_named() -> None:
    assert Passwords().hash("correct horse battery").startswith("$argon2id$v=19$m=65536,t=3,p=2$")
    cheap = Passwords(Cost(passes=1, memory_kib=8, lanes=1))
    assert cheap.is_of("correct horse battery", Passwords().hash("correct horse battery")), "a hash says its own cost"
