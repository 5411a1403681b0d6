"""What `rollout app` has streamlit run: the app, beside its settings in `.streamlit`."""

from simulator.app.navigation import show

if __name__ == "__main__":
    show()
