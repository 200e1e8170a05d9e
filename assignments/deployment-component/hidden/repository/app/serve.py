"""The service, a skeleton: it answers, and no more."""

from flask import Flask, jsonify, request

from app.model import Model
from app.warm import warm

app = Flask(__name__)
model = Model("model/model.json")
warm(model)


@app.post("/predict")
def predict():
    loan = request.get_json()
    return jsonify(loan_id=loan["loan_id"], late=model.predict(loan), model=model.version)


if __name__ == "__main__":
    app.run(port=5000)
