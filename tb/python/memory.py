"""What the process takes of memory."""

import resource


def peak_bytes():
    """At its largest so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
