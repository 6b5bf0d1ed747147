"""Every English text of the studio's windows: one module for each window, page or band.

In: nothing, or the numbers and names that a sentence speaks of.  Out: words.  Thread: any; nothing
of Qt. The panel that a module belongs to imports it as ``texts``. Constants are whole sentences,
functions are sentences with something in them, and ``Words`` are what a control is called together
with its tooltip. What the show itself gives a name or a sentence (looks, tags, devices, notices)
has it where it is known. A test notices texts that are written into the panels.
"""
