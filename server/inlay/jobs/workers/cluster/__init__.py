"""Workers on other machines, placed by Ray: `crew` and `worker` in the server, `bridge` between it and Ray, `painter` there.

Ray is known to the bridge alone, a process of its own: the end of Ray's head ends whoever speaks to it.
"""
