# Short names for what run.sh does.
.PHONY: demo test bot pictures

demo test bot:
	./run.sh $@

pictures:
	.venv/bin/python docs/pictures/make.py
