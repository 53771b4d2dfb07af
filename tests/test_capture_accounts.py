"""Names of the notes matched with accounts of the wiki: only where nobody else can be meant."""

import pytest

from capture.accounts import match_accounts


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("Marc Dubois", "Marc Dubois"),
        ("Dubois Marc", "Marc Dubois"),
        ("léa martin", "Lea Martin"),
        ("mdubois", "Marc Dubois"),
        ("Marc Dubois", "Mdubois"),
        ("Marc D.", "Marc Dubois"),
        ("Marc Dubois", "MarcD"),
        ("Jean-Luc Petit", "JLPetit"),
        ("Anne de Roux", "Anne De Roux"),
        ("gkern", "Gkern"),
        ("M_Dubois", "M Dubois"),
    ],
)
def test_sure_matches(name: str, account: str) -> None:
    assert match_accounts([name], ["Sofia Benali", account]) == {name: account}


@pytest.mark.parametrize(
    ("name", "account"),
    [
        ("Marc", "Marc Dubois"),
        ("Dubois", "Marc Dubois"),
        ("Marc Dubois", "Marc Martin"),
        ("Marc Dubois", "Marc"),
        ("Al B", "Alb"),
        ("12", "13"),
        ("", ""),
    ],
)
def test_what_is_not_sure_is_left_alone(name: str, account: str) -> None:
    assert match_accounts([name], [account]) == {}


def test_initials_that_two_people_share_are_nobodys() -> None:
    assert match_accounts(["Marc Dubois", "Marie Dubois"], ["Mdubois"]) == {}
    assert match_accounts(["mdubois"], ["Marc Dubois", "Marie Dubois"]) == {}
    # One of them has an account of their own: the other may still be either.
    assert match_accounts(["Marc Dubois", "Marie Dubois"], ["Mdubois", "Marie Dubois"]) == {
        "Marie Dubois": "Marie Dubois"
    }


def test_two_spellings_of_one_person_have_one_account() -> None:
    assert match_accounts(["Marc Dubois", "DUBOIS Marc"], ["Marc Dubois"]) == {
        "Marc Dubois": "Marc Dubois",
        "DUBOIS Marc": "Marc Dubois",
    }


def test_two_accounts_with_the_same_words_are_nobodys() -> None:
    assert match_accounts(["Marc Dubois"], ["Marc Dubois", "Dubois Marc"]) == {}
