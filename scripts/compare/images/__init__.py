"""Odd image files of every format, made from one scene."""
