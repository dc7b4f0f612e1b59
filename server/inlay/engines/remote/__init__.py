"""What paints on other servers: image APIs, Gemini, ComfyUI. Their answers are raw; `edit` finds the scene in them, or refuses."""
