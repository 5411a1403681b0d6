"""Five questions, and a scenario to begin with: the same as `rollout init`."""

import streamlit as st

from simulator.app import session
from simulator.scenario.library.starter import QUESTIONS, Answers, default_users, starter_text

_NAME = "my-rollout"


def starter_form() -> None:
    """Ask the questions; a button takes the scenario that the answers make."""
    st.caption(
        "Five answers make a whole scenario, with sources or marked as assumptions; change it afterwards."
    )
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        words = {f"{key}: {meaning}": key for key, meaning in question.answers.items()}
        chosen = st.selectbox(
            question.text,
            list(words),
            list(question.answers).index(question.default),
            key=f"question {question.key}",
        )
        answers[question.key] = words[chosen]
    users = int(
        st.number_input(
            "How many users are there in all?",
            1,
            100_000_000,
            default_users(answers["scope"]),
            key="question users",
        )
    )
    if st.button("Begin with this scenario", type="primary", icon=":material/flag:", key="begin"):
        session.use(_NAME, starter_text(Answers(**answers, name=_NAME, users=users)))
        st.rerun()
