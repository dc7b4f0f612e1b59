"""A screen of twice the density gets twice the pixels."""

from inlay_bridge.inside import fresh_panels

fresh_panels()
