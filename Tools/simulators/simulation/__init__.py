"""What the simulators are made of: time, the ways out, and the things that are simulated."""
