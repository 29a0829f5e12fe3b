"""What a character is made of and how it is driven, known from names, ranges and rest positions alone.

``recognise.recognise`` reads shape keys and gives a ``mapping.Mapping`` from the 52 ARKit channels to them;
``skeleton.find_bones`` reads an armature. ``edit`` changes a mapping, ``files`` keeps it, ``reattach`` finds it again
on a character whose parts were renamed, ``evaluate`` plays frames through it. Nothing here knows Blender.
"""
