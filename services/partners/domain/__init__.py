"""What partners may do, by subject. Pure: no clock, no store, no bus.

What all share stands here: the states and legal moves (`states`), what is kept of a call and of a claim (`call`,
`claim`), the limits (`terms`). Each subject has its rules, the bodies of what is asked beside them, and `refusals`:

    calls → matching → standing → money → claims → registry
                                  works → claims

An arrow is what the rules of a subject know of others; none points back.
"""
