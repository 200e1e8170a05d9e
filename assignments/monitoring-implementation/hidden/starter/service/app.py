"""The service: `POST /score` answers with a probability, `GET /health` says that it is there."""

from flask import Flask, jsonify, request

from . import model
from .directory import DirectoryFailed, look_up

app = Flask(__name__)


@app.get("/health")
def health():
    return jsonify(status="ok")


@app.post("/score")
def score():
    try:
        invoice, _filled = model.read(request.get_json(force=True, silent=True))
    except model.Malformed:
        return jsonify(error="malformed"), 422
    try:
        look_up(invoice["customer"])
    except DirectoryFailed:
        return jsonify(error="directory"), 503
    return jsonify(id=invoice["id"], score=model.score(invoice))
