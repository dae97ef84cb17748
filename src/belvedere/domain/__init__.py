"""The field's words as frozen types. Owns: vocabulary, ids, requests, decisions, the Clock port.

Does not know: any rule, any database, any network, what time it is. Standard library only.
"""
