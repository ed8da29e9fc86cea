"""What is known about each kind of component: figures worth recording, and when to raise an alert."""
