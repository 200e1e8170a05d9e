"""The debrief meeting: what it begins with, and the questions that guide it (seed 004)."""

from __future__ import annotations

#: the ideal profile's competencies, each in a line of our own
COMPETENCIES: dict[str, str] = {
    "Problem-Solving": "takes a problem apart, finds the cause, and chooses a method that fits it",
    "Technical Proficiency": "knows how models work, and writes code that others can rely on",
    "Continuous Learning": "tries what is new, and keeps what proves better",
    "Communication": "is understood by engineers and by people who are none",
    "Adaptability": "goes on when the task changes or half of what is needed is missing",
}

FACILITATOR = (
    "Whoever leads the meeting speaks last. A view that differs from the others’, or from a "
    "superior’s, is what the meeting is for. Ratings and notes are evidence, not the decision; "
    "anybody may change their recommendation, and says why."
)

#: question -> what it is for
QUESTIONS: dict[str, str] = {
    "Does anyone have any questions for the other interviewers about the candidate?": (
        "Begin here, before anybody has said what they think."
    ),
    "Are there any additional comments about the Candidate?": (
        "What somebody saw that no scorecard asked for, and that others should know."
    ),
    "How would this candidate's machine learning expertise specifically apply to our current "
    "projects and needs?": "Name a project of the next half year, and what they would do in it.",
    "What strengths and weaknesses did we observe regarding the candidate's ability to balance "
    "technical excellence with practical implementation?": (
        "Point at a cell or an answer for each; both sides."
    ),
    "Is there anything further we need to investigate before making a decision?": (
        "The follow-up questions above, what nobody could rate, and what references can tell."
    ),
    "Has anyone changed their hire/no-hire recommendation?": (
        "What made the difference is written down with it."
    ),
    "If the consensus is no hire, should the candidate be considered for other roles? "
    "If so, what roles?": "Which of the dimensions above would carry them there?",
    "What are the next steps?": (
        "Who does what by when; where there is no consensus, who decides. And who tells the "
        "candidate, by which day."
    ),
}

RECOMMENDATIONS: dict[int | None, str] = {
    None: "no decision",
    1: "strong no hire",
    2: "no hire",
    3: "hire",
    4: "strong hire",
}
