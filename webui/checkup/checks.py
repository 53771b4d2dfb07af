"""All checks, in the order in which somebody who has a fault wants to read them."""

from webui.checkup.findings import Check
from webui.checkup.machine import (
    check_data_folder,
    check_disk,
    check_memory,
    check_packages,
    check_python,
)
from webui.checkup.mail import check_mail
from webui.checkup.mirror import check_database, check_index, check_mirror
from webui.checkup.search import (
    check_chroma,
    check_keywords,
    check_language_model,
    check_model,
    check_redis,
)
from webui.checkup.service import check_extension, check_service, check_sign_in
from webui.checkup.wiki import check_account, check_clock, check_line, check_wiki

CHECKS = (
    Check("python", check_python),
    Check("packages", check_packages),
    Check("memory", check_memory),
    Check("disk", check_disk),
    Check("data", check_data_folder),
    Check("database", check_database, seconds=60.0),
    Check("wiki-address", check_line),
    Check("wiki", check_wiki),
    Check("account", check_account),
    Check("clock", check_clock),
    Check("mirror", check_mirror),
    Check("index", check_index),
    Check("model", check_model, seconds=120.0),
    Check("language-model", check_language_model, seconds=40.0),
    Check("chroma", check_chroma),
    Check("postgresql", check_keywords),
    Check("redis", check_redis),
    Check("extension", check_extension),
    Check("sign-in", check_sign_in),
    Check("mail", check_mail),
    Check("service", check_service, seconds=70.0),
)
