# Everything a fresh machine needs is set up by the targets themselves.
PYTHON ?= python3
VENV := .venv/bin/python

.PHONY: help setup demo test lint bench extension docs clean

help:  ## What there is to make
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup:  ## Virtual environments: .venv (Blender 4.5, Python 3.11) and .venv-3.13 (Blender 5.2)
	@$(PYTHON) scripts/setup.py

demo: setup  ## A line of text to a talking character: out/demo.blend, .mp4, .png
	@$(VENV) scripts/demo.py

test: setup  ## The whole suite, in every lane this machine has
	@$(VENV) scripts/test.py

lint: setup  ## Ruff and strict types
	@$(VENV) scripts/lint.py

bench: setup  ## Figures: speed, lips, believability
	@$(VENV) -m linly_blender bench

extension: setup  ## The installable zips, one per platform, in dist/
	@$(VENV) scripts/build_extension.py

docs: demo  ## The pictures in docs/images (but those of the sidebar)
	@$(VENV) scripts/avatar_sheet.py
	@$(VENV) scripts/behaviour_sheet.py
	@$(VENV) scripts/zoo_sheet.py
	@$(VENV) -m linly_blender.measure.filters docs/images/filters.png
	@$(VENV) scripts/contact_sheet.py out/demo.mp4 docs/images/demo.jpg 6 2
	@$(VENV) -m linly_blender perform --out out/take.json --plot docs/images/take.png --seed 3 \
		--text "Are you sure? We need bread, milk and cheese, but *not* today. 你确定吗？我们周末正常营业。"

clean:  ## Remove what was made, but not the virtual environments
	rm -rf out build dist .cache
