"""A result's mask is named in the language that the plugin speaks."""

from inlay_bridge import given, result
from inlay_bridge.inside import document, group_of, pump_until, select, settle

from inlay_krita import api

session, told = api.session(), []
session.connection.described.connect(told.append)
made = document(300, 220, "RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc", given["pixels"])
select(made, given["mask"])
for locale in ("de-DE", "en-GB"):
    told.clear()
    session.connection.use(session.connection.line.address._replace(locale=locale))
    pump_until(lambda: bool(told) and session.connection.is_ready)
    api.place(api.wait(session.run(session.wish("erase", seed=3, build_on=True), made, places_itself=False)))
    settle(made)
    result[locale] = [child.name() for child in group_of(made).childNodes()]
