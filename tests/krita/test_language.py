"""What the server refuses stands in the panel's language."""

from krita.driver import Krita


def test_a_refusal_is_in_the_language_that_the_plugin_speaks(real_krita: Krita):
    result = real_krita.run(
        """
        from inlay_bridge.inside import *
        from inlay_krita import api
        from inlay_krita.client.connect import Wire
        from inlay_krita.client.connection import Connection
        from inlay_krita.client.messages import inlay_pb2
        from inlay_krita.client.trouble import Trouble
        pump_until(lambda: api.session().connection.is_ready, 15)
        address = api.session().connection.line.address
        for locale in ("de-DE", "en-GB"):
            connection = Connection(address._replace(locale=locale))
            wire = Wire(connection.line.address)
            try:
                wire.call(inlay_pb2.CancelJobRequest(job_id="no id"))
            except Trouble as trouble:
                result[locale] = str(trouble)
            wire.close()
            connection.stop()
        """
    )
    assert "es muss eine UUID sein" in result["de-DE"]
    assert "it must be a UUID" in result["en-GB"]
