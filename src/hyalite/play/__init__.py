"""`hyalite play`: a page in the browser on which one sees a network learn (extra `play`).

The server's half; the page itself is in `static/`. It stands on top of everything, and nothing but
the command line imports it. From the bottom up: `settings` says what is to be trained, `data` and
`building` make samples and model of it, `run` trains a model step by step, `session` keeps the
runs of one page and their worker; `pictures`, `numbers` and `exports` are what the page shows and
takes away; `frames` packs it; `guard` lets in nobody else; `api` and `server`
listen. What the two halves say to each other is in `requests.md`.
"""
