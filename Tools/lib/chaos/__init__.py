"""Real faults on the real programs: agent, broker and collector are hurt, every numbered sample is accounted for."""
