"""Narrow promises to the world, named by who needs them.

doors     what an inbound wire format is: request in, events out, an answer in the client's own dialect
channels  what a way to reach a person is: a notice in, a call out, the provider's answer understood
syncs     what a thing is that follows the rota, and what is kept of it
state     what is kept: cases, events, deliveries, documents
answers   what an answer over HTTP says beyond its status
signing   how what goes to programs is signed
"""
