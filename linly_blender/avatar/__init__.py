"""The demo character, made of numbers: a parametric head and its shapes."""
