"""What a file is by its bytes: which type, whether it is whole and nothing else besides, and pictures without metadata.

Nothing here decodes a picture or runs anything of a file; all of it works on a memory map, piece by piece.
"""
