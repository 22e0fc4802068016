"""Narrow promises to the world, named by who needs them.

doors     what an inbound wire format is: request in, events out, an answer in the client's own dialect
channels  what a way to reach a person is: a notice in, a call out, the provider's answer understood
state     what is kept: cases, events, deliveries, documents
"""
