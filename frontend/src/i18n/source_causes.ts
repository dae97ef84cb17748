/** Written by `make generate` from belvedere.domain.source_causes. */
import type { Language, SourceCause } from "../api/types";

type Said = Record<Language, string>;

export const SOURCE_CAUSES: Record<SourceCause, { short: Said; sentence: Said; remedy: Said }> = {
  "no-address": {
    "short": {
      "fr": "adresse non renseignée",
      "en": "no address entered"
    },
    "sentence": {
      "fr": "Aucune adresse n'est renseignée pour cette caméra.",
      "en": "No address is entered for this camera."
    },
    "remedy": {
      "fr": "Ajouter la caméra au fichier des sources, puis redémarrer le nœud.",
      "en": "Add the camera to the file of sources, then restart the node."
    }
  },
  "source-forbidden": {
    "short": {
      "fr": "adresse hors des réseaux admis",
      "en": "address outside the allowed networks"
    },
    "sentence": {
      "fr": "L'adresse de la caméra est hors des réseaux où le nœud peut appeler des caméras.",
      "en": "The camera's address is outside the networks in which the node may call cameras."
    },
    "remedy": {
      "fr": "Corriger l'adresse de la caméra, ou ajouter son réseau à `source_networks`.",
      "en": "Correct the camera's address, or add its network to `source_networks`."
    }
  },
  "unreachable": {
    "short": {
      "fr": "injoignable",
      "en": "unreachable"
    },
    "sentence": {
      "fr": "La caméra est injoignable : rien ne répond à son adresse.",
      "en": "The camera is unreachable: nothing answers at its address."
    },
    "remedy": {
      "fr": "Vérifier l'alimentation, le câble et le commutateur de l'armoire, puis l'adresse et le port de la caméra.",
      "en": "Check the power, the cable and the cabinet's switch, then the camera's address and port."
    }
  },
  "timed-out": {
    "short": {
      "fr": "ne répond pas à temps",
      "en": "does not answer in time"
    },
    "sentence": {
      "fr": "La caméra ne répond pas dans les quatre secondes.",
      "en": "The camera does not answer within four seconds."
    },
    "remedy": {
      "fr": "Vérifier la liaison et sa charge ; redémarrer la caméra si elle répond au ping sans servir son flux.",
      "en": "Check the link and its load; restart the camera if it answers pings and does not serve its stream."
    }
  },
  "untrusted": {
    "short": {
      "fr": "certificat refusé",
      "en": "certificate refused"
    },
    "sentence": {
      "fr": "La caméra ne présente aucun certificat que les autorités du site reconnaissent.",
      "en": "The camera shows no certificate that the site's authorities vouch for."
    },
    "remedy": {
      "fr": "Renouveler le certificat de la caméra, ou ajouter son autorité à `source_authorities` ; vérifier l'heure de la caméra.",
      "en": "Renew the camera's certificate, or add its authority to `source_authorities`; check the camera's clock."
    }
  },
  "no-password": {
    "short": {
      "fr": "mot de passe non renseigné",
      "en": "no password entered"
    },
    "sentence": {
      "fr": "La caméra demande un mot de passe, et aucun n'est renseigné pour elle.",
      "en": "The camera asks for a password, and none is entered for it."
    },
    "remedy": {
      "fr": "Renseigner le compte et le mot de passe de la caméra dans le fichier des sources.",
      "en": "Enter the camera's account and password in the file of sources."
    }
  },
  "wrong-password": {
    "short": {
      "fr": "mot de passe refusé",
      "en": "wrong password"
    },
    "sentence": {
      "fr": "La caméra refuse le compte ou le mot de passe renseigné.",
      "en": "The camera refuses the account or the password that is entered."
    },
    "remedy": {
      "fr": "Corriger le compte et le mot de passe dans le fichier des sources ; vérifier que la caméra n'a pas bloqué le compte.",
      "en": "Correct the account and the password in the file of sources; check that the camera has not locked the account."
    }
  },
  "password-in-clear": {
    "short": {
      "fr": "mot de passe demandé en clair",
      "en": "password asked in clear"
    },
    "sentence": {
      "fr": "La caméra demande son mot de passe en clair : il ne lui est pas envoyé.",
      "en": "The camera asks for its password in clear: it is not sent."
    },
    "remedy": {
      "fr": "Activer l'authentification « digest » de la caméra, ou passer son adresse en `rtsps`.",
      "en": "Turn on the camera's digest authentication, or make its address `rtsps`."
    }
  },
  "access-denied": {
    "short": {
      "fr": "compte sans droit sur la vidéo",
      "en": "account without the right to the video"
    },
    "sentence": {
      "fr": "La caméra reconnaît le compte, mais lui refuse la vidéo.",
      "en": "The camera knows the account and denies it the video."
    },
    "remedy": {
      "fr": "Donner au compte le droit de lire le flux, dans les réglages de la caméra.",
      "en": "Give the account the right to read the stream, in the camera's settings."
    }
  },
  "not-found": {
    "short": {
      "fr": "flux introuvable",
      "en": "stream not found"
    },
    "sentence": {
      "fr": "La caméra répond, mais n'a pas de flux à ce chemin.",
      "en": "The camera answers, and has no stream at that path."
    },
    "remedy": {
      "fr": "Corriger le chemin dans l'adresse de la caméra (il change souvent avec le micrologiciel).",
      "en": "Correct the path in the camera's address (it often changes with the firmware)."
    }
  },
  "busy": {
    "short": {
      "fr": "caméra saturée",
      "en": "camera busy"
    },
    "sentence": {
      "fr": "La caméra sert déjà autant de flux qu'elle le peut ; elle est rappelée quand elle peut en avoir libéré un, dans les deux minutes.",
      "en": "The camera already serves as many streams as it can; it is called again once it can have freed one, within two minutes."
    },
    "remedy": {
      "fr": "Fermer d'autres lecteurs de cette caméra, ou relever le nombre de flux qu'elle admet.",
      "en": "Close other readers of this camera, or raise the number of streams that it admits."
    }
  },
  "redirected": {
    "short": {
      "fr": "renvoie vers une autre adresse",
      "en": "sends to another address"
    },
    "sentence": {
      "fr": "La caméra renvoie vers une autre adresse ; les renvois ne sont pas suivis.",
      "en": "The camera sends to another address; redirects are not followed."
    },
    "remedy": {
      "fr": "Renseigner l'adresse définitive de la caméra dans le fichier des sources.",
      "en": "Enter the camera's final address in the file of sources."
    }
  },
  "udp-only": {
    "short": {
      "fr": "UDP seulement",
      "en": "UDP only"
    },
    "sentence": {
      "fr": "La caméra n'envoie sa vidéo qu'en UDP, donc en clair, alors que son adresse est en `rtsps`.",
      "en": "The camera sends its video over UDP only, so in clear, although its address is `rtsps`."
    },
    "remedy": {
      "fr": "Activer « RTP sur RTSP (TCP) » dans les réglages réseau de la caméra, ou passer son adresse en `rtsp`.",
      "en": "Turn on RTP over RTSP (TCP) in the camera's network settings, or make its address `rtsp`."
    }
  },
  "no-transport": {
    "short": {
      "fr": "ni TCP ni UDP",
      "en": "neither TCP nor UDP"
    },
    "sentence": {
      "fr": "La caméra refuse d'envoyer sa vidéo en TCP comme en UDP.",
      "en": "The camera refuses to send its video over TCP and over UDP."
    },
    "remedy": {
      "fr": "Activer « RTP sur RTSP (TCP) » dans les réglages réseau de la caméra ; désactiver le multicast imposé.",
      "en": "Turn on RTP over RTSP (TCP) in the camera's network settings; turn off multicast where it is imposed."
    }
  },
  "refused": {
    "short": {
      "fr": "demande refusée",
      "en": "request refused"
    },
    "sentence": {
      "fr": "La caméra refuse la demande de flux.",
      "en": "The camera refuses the request for its stream."
    },
    "remedy": {
      "fr": "Lire le code de refus dans le journal technique ; redémarrer la caméra s'il revient.",
      "en": "Read the refusal's status in the log; restart the camera if it comes again."
    }
  },
  "no-video": {
    "short": {
      "fr": "aucune vidéo H.264 ou H.265",
      "en": "no H.264 or H.265 video"
    },
    "sentence": {
      "fr": "Le flux de la caméra ne contient pas de vidéo H.264 ou H.265.",
      "en": "The camera's stream has no H.264 or H.265 video."
    },
    "remedy": {
      "fr": "Régler la caméra en H.264, ou choisir le chemin de son flux vidéo.",
      "en": "Set the camera to H.264, or choose the path of its video stream."
    }
  },
  "unreadable": {
    "short": {
      "fr": "réponse illisible",
      "en": "unreadable answer"
    },
    "sentence": {
      "fr": "La réponse de la caméra est illisible : ce n'est pas du RTSP comme la norme le veut.",
      "en": "The camera's answer cannot be read: it is not RTSP as the standard has it."
    },
    "remedy": {
      "fr": "Vérifier que le port est bien celui de la vidéo ; mettre à jour le micrologiciel ; envoyer la capture réseau à l'éditeur.",
      "en": "Check that the port is the video's; update the firmware; send the packet capture to the supplier."
    }
  },
  "message-too-long": {
    "short": {
      "fr": "réponse démesurée",
      "en": "oversized answer"
    },
    "sentence": {
      "fr": "La caméra envoie une réponse plus longue que ce qui est admis.",
      "en": "The camera sends an answer longer than is allowed."
    },
    "remedy": {
      "fr": "Vérifier que l'adresse est bien celle de la caméra ; l'isoler du réseau si le défaut persiste.",
      "en": "Check that the address is the camera's; take it off the network if the fault stays."
    }
  },
  "bad-packets": {
    "short": {
      "fr": "paquets vidéo illisibles",
      "en": "unreadable video packets"
    },
    "sentence": {
      "fr": "Les paquets vidéo de la caméra sont illisibles.",
      "en": "The camera's video packets cannot be read."
    },
    "remedy": {
      "fr": "Mettre à jour le micrologiciel ; le journal technique dit quel paquet retrouver dans une capture réseau.",
      "en": "Update the firmware; the log says which packet to look for in a packet capture."
    }
  },
  "wrong-payload-type": {
    "short": {
      "fr": "type de vidéo non annoncé",
      "en": "unannounced payload type"
    },
    "sentence": {
      "fr": "La caméra envoie un autre type de données (payload type RTP) que celui qu'elle annonce.",
      "en": "The camera sends another RTP payload type than it announces."
    },
    "remedy": {
      "fr": "Redémarrer la caméra, vérifier son codec, mettre à jour le micrologiciel.",
      "en": "Restart the camera, check its codec, update the firmware."
    }
  },
  "swapped-channels": {
    "short": {
      "fr": "canaux intervertis",
      "en": "swapped channels"
    },
    "sentence": {
      "fr": "La caméra envoie ses images sur un autre canal que celui convenu.",
      "en": "The camera sends its pictures on another channel than was agreed."
    },
    "remedy": {
      "fr": "Redémarrer la caméra, mettre à jour le micrologiciel.",
      "en": "Restart the camera, update the firmware."
    }
  },
  "no-pps": {
    "short": {
      "fr": "paramètres vidéo absents (SPS/PPS)",
      "en": "no parameter sets (SPS/PPS)"
    },
    "sentence": {
      "fr": "La caméra envoie des images sans les paramètres (SPS/PPS) qui permettent de les lire.",
      "en": "The camera sends pictures without the parameter sets (SPS/PPS) that they need."
    },
    "remedy": {
      "fr": "Redémarrer la caméra ; régler l'envoi de SPS/PPS à chaque image clé.",
      "en": "Restart the camera; set it to send SPS/PPS with each key frame."
    }
  },
  "no-entry-point": {
    "short": {
      "fr": "aucune image clé",
      "en": "no key frame"
    },
    "sentence": {
      "fr": "La caméra envoie des images, mais aucune image clé par laquelle commencer.",
      "en": "The camera sends pictures, and no key frame to begin with."
    },
    "remedy": {
      "fr": "Régler une image clé (I) toutes les une à deux secondes ; désactiver le « codec intelligent » et l'actualisation progressive (intra refresh).",
      "en": "Set a key frame (I) every one or two seconds; turn off the smart codec and intra refresh."
    }
  },
  "access-unit-too-long": {
    "short": {
      "fr": "image démesurée",
      "en": "oversized picture"
    },
    "sentence": {
      "fr": "La caméra envoie une image plus lourde que ce qui est admis.",
      "en": "The camera sends a picture larger than is allowed."
    },
    "remedy": {
      "fr": "Baisser le débit ou la définition de la caméra.",
      "en": "Lower the camera's bit rate or resolution."
    }
  },
  "no-picture": {
    "short": {
      "fr": "données sans image",
      "en": "data without a picture"
    },
    "sentence": {
      "fr": "La caméra envoie des données dont aucune n'est une image.",
      "en": "The camera sends data, and none of it is a picture."
    },
    "remedy": {
      "fr": "Vérifier le chemin du flux et le codec ; redémarrer la caméra.",
      "en": "Check the stream's path and the codec; restart the camera."
    }
  },
  "silent": {
    "short": {
      "fr": "muette",
      "en": "silent"
    },
    "sentence": {
      "fr": "La caméra a accepté la lecture, mais n'envoie plus rien.",
      "en": "The camera accepted to play, and sends nothing any more."
    },
    "remedy": {
      "fr": "Redémarrer la caméra ; vérifier la liaison si plusieurs caméras de l'armoire se taisent.",
      "en": "Restart the camera; check the link where several cameras of the cabinet are silent."
    }
  },
  "closed": {
    "short": {
      "fr": "connexion coupée par la caméra",
      "en": "connection closed by the camera"
    },
    "sentence": {
      "fr": "La caméra a coupé la connexion.",
      "en": "The camera closed the connection."
    },
    "remedy": {
      "fr": "Attendre une minute (elle redémarre peut-être) ; vérifier ensuite l'alimentation et le nombre de lecteurs.",
      "en": "Wait a minute (it may be restarting); then check its power and the number of its readers."
    }
  },
  "peer-unreachable": {
    "short": {
      "fr": "propriétaire injoignable",
      "en": "owner unreachable"
    },
    "sentence": {
      "fr": "Le système du propriétaire de la caméra est injoignable, ou la liaison avec lui est coupée.",
      "en": "The system of the camera's owner cannot be reached, or the link with it is cut."
    },
    "remedy": {
      "fr": "Vérifier la liaison entre les deux sites ; si elle est bonne, appeler le propriétaire.",
      "en": "Check the link between the two sites; where it is good, call the owner."
    }
  },
  "peer-untrusted": {
    "short": {
      "fr": "clé du propriétaire refusée",
      "en": "owner's key refused"
    },
    "sentence": {
      "fr": "Le système qui répond à l'adresse du propriétaire n'a pas la clé inscrite avec la convention.",
      "en": "The system that answers at the owner's address does not have the key that is written with the convention."
    },
    "remedy": {
      "fr": "Appeler le propriétaire : a-t-il changé de clé ? Sinon, vérifier l'adresse et ce qui se trouve sur la liaison.",
      "en": "Call the owner: was its key replaced? If not, check the address and what stands on the link."
    }
  },
  "peer-refused": {
    "short": {
      "fr": "images non données par le propriétaire",
      "en": "no pictures given by the owner"
    },
    "sentence": {
      "fr": "Le système du propriétaire n'a pas donné accès aux images de la caméra.",
      "en": "The system of the camera's owner gave no access to its pictures."
    },
    "remedy": {
      "fr": "Rouvrir la caméra ; si cela dure, appeler le propriétaire.",
      "en": "Open the camera again; if it lasts, call the owner."
    }
  },
  "peer-unreadable": {
    "short": {
      "fr": "images du propriétaire illisibles",
      "en": "owner's pictures unreadable"
    },
    "sentence": {
      "fr": "Ce que le système du propriétaire envoie pour cette caméra est illisible.",
      "en": "What the owner's system sends for this camera cannot be read."
    },
    "remedy": {
      "fr": "Vérifier que les deux systèmes sont de versions voisines ; envoyer le journal technique à l'éditeur.",
      "en": "Check that the two systems are of neighbouring versions; send the log to the supplier."
    }
  },
  "peer-silent": {
    "short": {
      "fr": "liaison avec le propriétaire muette",
      "en": "link with the owner silent"
    },
    "sentence": {
      "fr": "Plus rien ne vient du système du propriétaire.",
      "en": "Nothing comes from the owner's system any more."
    },
    "remedy": {
      "fr": "Vérifier la liaison entre les deux sites et sa charge ; si elle est bonne, appeler le propriétaire.",
      "en": "Check the link between the two sites and its load; where it is good, call the owner."
    }
  },
  "internal": {
    "short": {
      "fr": "défaut du relais",
      "en": "fault of the relay"
    },
    "sentence": {
      "fr": "La lecture de cette caméra s'est arrêtée sur un défaut du relais, qui la reprend.",
      "en": "Reading this camera stopped on a fault of the relay, which takes it up again."
    },
    "remedy": {
      "fr": "Envoyer le journal technique à l'éditeur.",
      "en": "Send the log to the supplier."
    }
  }
};
