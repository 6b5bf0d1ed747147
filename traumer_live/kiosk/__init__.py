"""The kiosk: a glfw window without Qt, for venues."""
