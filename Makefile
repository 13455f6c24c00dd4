# Short names for what run.sh does.
.PHONY: demo test bot pictures catalogues

demo test bot:
	./run.sh $@

pictures:
	.venv/bin/python docs/pictures/make.py
	for name in chain planned coverage limits groups units change effect importance; do \
	  PYTHONPATH=. .venv/bin/python docs/pictures/$$name.py; done

catalogues:
	.venv/bin/python -m tests.support.fill_catalogues
