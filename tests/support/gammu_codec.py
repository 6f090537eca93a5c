"""Debian's libgammu as a reader and writer of PDUs: a JSON request a line on stdin, an answer a line on stdout.

{"pdu": hex} is read, {"submit": {number, smsc, text, coding, class, validity}} is written. Runs under Debian's own python3,
which has python3-gammu.
"""

import json
import sys

import gammu


def read(pdu):
    seen = gammu.DecodePDU(bytes.fromhex(pdu), True)
    when, text = seen["DateTime"], seen["Text"]
    return {"type": seen["Type"], "number": seen["Number"], "smsc": seen["SMSC"]["Number"], "text": text.hex() if isinstance(text, bytes) else text,
            "coding": seen["Coding"], "class": seen["Class"], "time": when.isoformat() if when else None,
            "parts": seen["UDH"]["AllParts"], "part": seen["UDH"]["PartNumber"], "mr": seen["MessageReference"],
            "ref8": seen["UDH"]["ID8bit"], "ref16": seen["UDH"]["ID16bit"], "status": seen["DeliveryStatus"]}


def write(form):
    message = {"SMSC": {"Number": form["smsc"], "Location": 0, "Name": "", "Format": "Text", "Validity": form["validity"],
                        "DefaultNumber": ""},
               "Number": form["number"], "Text": form["text"], "Type": "Submit", "Coding": form["coding"],
               "Class": form["class"], "Folder": 2, "InboxFolder": 0, "Memory": "SM", "Location": 0, "Name": "",
               "State": "UnSent", "ReplaceMessage": 0, "RejectDuplicates": 0, "ReplyViaSameSMSC": 0, "MessageReference": 0,
               "UDH": {"Type": "NoUDH", "Text": b"", "ID8bit": 0, "ID16bit": 0, "PartNumber": -1, "AllParts": 0}}
    return {"pdu": gammu.EncodePDU(message, "Submit").hex()}


for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = read(request["pdu"]) if "pdu" in request else write(request["submit"])
    except Exception as refusal:  # gammu's own, of many kinds
        answer = {"refused": repr(refusal)}
    print(json.dumps(answer), flush=True)
