"""The app, for `streamlit run app.py`; `rollout app` is the same."""

from simulator.app.navigation import show

if __name__ == "__main__":
    show()
