# Short names for what run.sh does.
.PHONY: demo test bot pictures catalogues

demo test bot:
	./run.sh $@

pictures:
	.venv/bin/python docs/pictures/make.py

catalogues:
	.venv/bin/python -m tests.support.fill_catalogues
