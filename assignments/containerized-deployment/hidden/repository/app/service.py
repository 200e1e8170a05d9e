"""The service, as far as it got. docs/CONTRACT.md says what it has to do."""

import kestrel
from flask import Flask, jsonify, request

from .preprocess import prepare

app = Flask(__name__)
THRESHOLD = 0.5  # while developing


@app.get("/health/live")
def live():
    return jsonify(status="live")


@app.post("/predict")
def predict():
    # TODO: bad input, missing values, the batch, /health/ready, the records
    row = request.get_json()
    model = kestrel.load("model/model.pkl")
    probability = model.score(prepare(row))
    return jsonify(unit=row["unit"], probability=probability, flag=probability > THRESHOLD)


if __name__ == "__main__":
    app.run(port=8000)
