"""Faces for tests: the names that conventions' own tools give to shape keys, written down apart from our data."""

from collections.abc import Iterable
from typing import Final

from linly_blender.arkit import SHAPES
from linly_blender.rig.mapping import Key, Mesh


def names(text: str) -> list[str]:
    return text.split()


VISEMES: Final = names("sil PP FF TH DD kk CH SS nn RR aa E I O U")


def face(keys: Iterable[str], low: float = 0.0, high: float = 1.0, mesh: str = "Face") -> Mesh:
    return Mesh(mesh, tuple(Key(name, low, high) for name in keys))


def _suffixed(name: str) -> str:
    for word, letter in (("Left", "_L"), ("Right", "_R")):
        if name.endswith(word) and name not in ("jawLeft", "jawRight", "mouthLeft", "mouthRight"):
            return name.removesuffix(word) + letter
    return name


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _split(name: str) -> list[str]:
    return [f"{name}_L", f"{name}_R"] if name in ("browInnerUp", "cheekPuff") else [_suffixed(name)]


_PASCAL: Final = [name[0].upper() + name[1:] for name in SHAPES]
_CC4: Final = names("""
 Brow_Raise_Inner_L Brow_Raise_Inner_R Brow_Drop_L Brow_Drop_R Brow_Raise_Outer_L Brow_Raise_Outer_R
 Eye_L_Look_Up Eye_R_Look_Up Eye_L_Look_Down Eye_R_Look_Down Eye_L_Look_R Eye_R_Look_L Eye_L_Look_L
 Eye_R_Look_R Eye_Blink_L Eye_Blink_R Eye_Squint_L Eye_Squint_R Eye_Wide_L Eye_Wide_R Cheek_Puff_L
 Cheek_Puff_R Cheek_Raise_L Cheek_Raise_R Nose_Sneer_L Nose_Sneer_R Jaw_Open Jaw_Forward Jaw_L Jaw_R Mouth_L
 Mouth_R Mouth_Shrug_Upper Mouth_Shrug_Lower Mouth_Close Mouth_Smile_L Mouth_Smile_R Mouth_Frown_L
 Mouth_Frown_R Mouth_Dimple_L Mouth_Dimple_R Mouth_Up_Upper_L Mouth_Up_Upper_R Mouth_Down_Lower_L
 Mouth_Down_Lower_R Mouth_Press_L Mouth_Press_R Mouth_Stretch_L Mouth_Stretch_R Tongue_Out""")
_G9_BS: Final = names("""
 EyeBlink EyeSquint MouthSmile MouthFrown MouthDimple MouthStretch MouthLowerDown MouthUpperUp CheekSquint
 NoseSneer""")
_SIDES: Final = ("Left", "Right")
_GENESIS9: Final = [
    *(f"facs_bs_{name}{one}" for name in _G9_BS for one in _SIDES),
    *(f"facs_ctrl_Eye{name}{one}" for name in ("LookUp-Down", "LookSide-Side", "Wide") for one in _SIDES),
    *(f"facs_ctrl_{name}" for name in ("JawForward-Recess", "JawLeft-Right", "MouthClose", "MouthFunnel")),
    *(f"facs_ctrl_{name}" for name in ("MouthPucker", "MouthLeft-Right", "MouthRollLower", "MouthRollUpper")),
    *(f"facs_ctrl_{name}" for name in ("MouthShrugLower", "MouthShrugUpper", "BrowInnerUp", "CheekPuff")),
    *(f"facs_ctrl_MouthPress{one}" for one in _SIDES), *(f"facs_BrowDown{one}" for one in _SIDES),
    *(f"facs_BrowOuterUp{one}" for one in _SIDES), "facs_bs_JawOpen", "facs_bs_TongueOut",
]  # fmt: skip
_GENESIS8: Final = [
    *(f"facs_jnt_{name}{one}" for name in ("EyeBlink", "EyesWide") for one in _SIDES),
    *(f"facs_ctrl_EyeLook{name}{one}" for name in ("Up-Down", "Side-Side") for one in _SIDES),
    *(f"facs_jnt_Jaw{name}" for name in ("Forward", "Left", "Right", "Open")),
    *(f"facs_bs_{name}{one}_div2" for name in (*_G9_BS[1:], "MouthPress") for one in _SIDES),
    *(f"facs_bs_Mouth{name}_div2" for name in ("Close", "Funnel", "Pucker", "Left", "Right", "RollLower", "RollUpper")),
    *(f"facs_bs_MouthShrug{name}_div2" for name in ("Lower", "Upper")), "facs_bs_TongueOut",
    *(f"facs_Brow{name}{one}" for name in ("Down", "OuterUp") for one in _SIDES),
    "facs_ctrl_BrowInnerUp", "facs_ctrl_CheekPuff",
]  # fmt: skip
_META: Final = names("""
 browDownL browDownR browLateralL browLateralR browRaiseInL browRaiseInR browRaiseOuterL browRaiseOuterR
 eyeBlinkL eyeBlinkR eyeWidenL eyeWidenR eyeSquintInnerL eyeSquintInnerR eyeCheekRaiseL eyeCheekRaiseR
 eyeLookUpL eyeLookUpR eyeLookDownL eyeLookDownR eyeLookLeftL eyeLookLeftR eyeLookRightL eyeLookRightR
 noseWrinkleL noseWrinkleR mouthCheekBlowL mouthCheekBlowR mouthLipsBlowL mouthLipsBlowR mouthLeft mouthRight
 mouthUpperLipRaiseL mouthUpperLipRaiseR mouthLowerLipDepressL mouthLowerLipDepressR mouthCornerPullL
 mouthCornerPullR mouthStretchL mouthStretchR mouthDimpleL mouthDimpleR mouthCornerDepressL
 mouthCornerDepressR mouthPressUL mouthPressUR mouthPressDL mouthPressDR mouthLipsPurseUL mouthLipsPurseUR
 mouthLipsPurseDL mouthLipsPurseDR mouthLipsTowardsUL mouthLipsTowardsUR mouthLipsTowardsDL
 mouthLipsTowardsDR mouthFunnelUL mouthFunnelUR mouthFunnelDL mouthFunnelDR mouthLipsTogetherUL
 mouthLipsTogetherUR mouthLipsTogetherDL mouthLipsTogetherDR mouthUpperLipRollInL mouthUpperLipRollInR
 mouthLowerLipRollInL mouthLowerLipRollInR jawOpen jawLeft jawRight jawFwd jawChinRaiseDL jawChinRaiseDR
 jawChinRaiseUL jawChinRaiseUR tongueOut""")
_CC3: Final = names("""
 01_Brow_Inner_Up 02_Brow_Down_Left 03_Brow_Down_Right 14_Eye_Blink_Left 15_Eye_Blink_Right 25_Jaw_Open
 29_Mouth_Funnel 30_Mouth_Pucker 33_Mouth_Roll_Upper 34_Mouth_Roll_Lower 37_Mouth_Close 38_Mouth_Smile_Left
 39_Mouth_Smile_Right 44_Mouth_Upper_Up_Left 46_Mouth_Lower_Down_Left 48_Mouth_Press_Left
 49_Mouth_Press_Right""")
_CCHD: Final = names("""
 Brow_Raise_In_L Brow_Raise_In_R Brow_Down_L Brow_Down_R Eye_Blink_L Eye_Blink_R Eye_Look_Right_L
 Eye_Look_Left_R Eye_Widen_L Eye_Widen_R Jaw_Open Jaw_Fwd Mouth_Funnel_UL Mouth_Funnel_UR Mouth_Funnel_DL
 Mouth_Funnel_DR Mouth_Lips_Purse_UL Mouth_Lips_Purse_UR Mouth_Lips_Purse_DL Mouth_Lips_Purse_DR
 Mouth_Lips_Together_UL Mouth_Lips_Together_UR Mouth_Lips_Together_DL Mouth_Lips_Together_DR
 Mouth_Corner_Pull_L Mouth_Corner_Pull_R Mouth_Lips_Press_L Mouth_Lips_Press_R Mouth_LowerLip_Bite_L
 Mouth_LowerLip_Bite_R""")
_VROID: Final = names("""
 ALL_Neutral ALL_Angry ALL_Joy BRW_Angry BRW_Sorrow BRW_Surprised EYE_Close EYE_Close_R EYE_Close_L EYE_Joy
 EYE_Spread MTH_Close MTH_Angry MTH_Fun MTH_A MTH_I MTH_U MTH_E MTH_O HA_Hide""")
_QUADS: Final = ("Up_R", "Down_R", "Up_L", "Down_L")
_RPM_EXTRAS: Final = ["mouthOpen", "mouthSmile", "eyesClosed", "eyesLookUp", "eyesLookDown"]
_VRM_LOOKS: Final = ("Up", "Down", "Left", "Right")

FACES: Final[dict[str, tuple[str, list[str]]]] = {
    "ARKit": ("arkit", list(SHAPES)),
    "PascalCase": ("arkit", _PASCAL),
    "_L/_R": ("arkit", [_suffixed(name) for name in SHAPES]),
    ".L/.R": ("arkit", [_suffixed(name).replace("_", ".") for name in SHAPES]),
    "snake_case": ("arkit", [_snake(name) for name in SHAPES]),
    "spaces": ("arkit", [_snake(name).replace("_", " ").title() for name in SHAPES]),
    "a deformer's prefix": ("arkit", [f"blendShape1.{name}" for name in SHAPES]),
    "a studio's prefix": ("arkit", [f"CH_hero_{name}" for name in SHAPES]),
    "a namespace": ("arkit", [f"Head:{name}.001" for name in SHAPES]),
    "small letters": ("arkit", [name.lower() for name in SHAPES]),
    "MediaPipe": ("arkit", ["_neutral", *SHAPES[:-1]]),
    "Live Link Face": (
        "live_link_face",
        [*_PASCAL, *(f"{part}{turn}" for part in ("Head", "LeftEye", "RightEye") for turn in ("Yaw", "Pitch", "Roll"))],
    ),
    "ICT-FaceKit": ("ict_facekit", [half for name in SHAPES if name != "tongueOut" for half in _split(name)]),
    "Ready Player Me": ("ready_player_me", [*SHAPES, *(f"viseme_{name}" for name in VISEMES), *_RPM_EXTRAS]),
    "MPFB expressions": ("mpfb", [f"!ex-{name}" for name in SHAPES]),
    "Oculus": ("oculus", [f"viseme_{name}" for name in VISEMES]),
    "Oculus, bare": ("oculus_bare", [*VISEMES[:12], "ih", "oh", "ou"]),
    "VRChat": (
        "vrchat",
        [*(f"vrc.v_{name.lower()}" for name in [*VISEMES[:12], "ih", "oh", "ou"]), "vrc.blink_left", "vrc.blink_right"],
    ),
    "Microsoft": ("microsoft", [f"viseme_id_{number}" for number in range(22)]),
    "Rhubarb": ("rhubarb", list("ABCDEFGHX")),
    "MPFB visemes": (
        "mpfb_visemes01",
        names("""
 sil_00 aa_ah_ax_01 aa_02 ao_03 ey_eh_uh_04 er_05 y_iy_ih_ix_06 w_uw_07 ow_08 aw_09 oy_10 ay_11 h_12 r_13
 l_14 s_z_15 sh_ch_jh_zh_16 th_dh_17 f_v_18 d_t_n_19 k_g_ng_20 p_b_m_21"""),
    ),
    "VRM 1": (
        "vrm1",
        [*names("""
 happy angry sad relaxed surprised neutral aa ih ou ee oh blink blinkLeft blinkRight"""),
         *(f"look{way}" for way in _VRM_LOOKS)],
    ),
    "VRM 0": (
        "vrm0",
        [*names("""
 neutral a i u e o blink joy angry sorrow fun blink_l blink_r"""),
         *(f"look{way.lower()}" for way in _VRM_LOOKS)],
    ),
    "VRM 0, as shown": ("vrm0", names("""
 Neutral A I U E O Blink Blink_L Blink_R Joy Angry Sorrow Fun""")),
    "VRoid": ("vroid", [f"Fcl_{name}" for name in _VROID]),
    "VRoid, whole path": ("vroid", [f"Face.M_F00_000_00_Fcl_{name}" for name in _VROID]),
    "MMD": ("mmd", names("""
 あ い う え お ん まばたき 笑い ウィンク ウィンク右 ウィンク２ ｳｨﾝｸ２右
 びっくり じと目 困る 怒り 上 下 にやり 口角上げ""")),
    "CC4 Standard": (
        "reallusion_cc4_standard",
        [*_CC4, "Mouth_Funnel", "Mouth_Pucker", "Mouth_Roll_In_Upper", "Mouth_Roll_In_Lower"],
    ),
    "CC4 Extended": (
        "reallusion_cc4_extended",
        [*_CC4, *(f"Mouth_{shape}_{part}" for shape in ("Funnel", "Pucker") for part in _QUADS),
         *(f"Mouth_Roll_In_{lip}_{one}" for lip in ("Upper", "Lower") for one in "LR")],
    ),
    "CC HD": ("reallusion_cc5_hd_metahuman_style", _CCHD),
    "CC3+": ("reallusion_cc3plus_traditional", [f"A{name}" for name in _CC3]),
    "CC4 visemes": (
        "reallusion_visemes",
        names("""
 EE Er IH Ah Oh W_OO S_Z Ch_J F_V TH T_L_D_N B_M_P K_G_H_NG AE R"""),
    ),
    "CC4 visemes in pairs": (
        "reallusion_visemes_paired",
        [f"V_{n}" for n in names("""
 Open Explosive Dental_Lip Tight_O Tight Wide Affricate Lip_Open Tongue_up Tongue_Out""")],
    ),
    "CC3+ visemes": (
        "reallusion_visemes_cc3",
        names("""
 Open Explosive Dental_Lip Tight-O Tight Wide Affricate Lip_Open Tongue_up Tongue_Raise Tongue_Lower"""),
    ),
    "MetaHuman": ("metahuman", [f"CTRL_expressions_{name}" for name in _META]),
    "Genesis 8.1": ("daz_genesis8_1", _GENESIS8),
    "Genesis 9": ("daz_genesis9", _GENESIS9),
    "Rocketbox": (
        "rocketbox",
        [*(f"AA_VI_{n:02}_{v}" for n, v in enumerate(names("Sil PP FF TH DD KK CH SS nn RR aa E I O U"))),
         *(f"AK_{n:02}_{name[0].upper()}{name[1:]}" for n, name in enumerate(sorted(SHAPES, key=str.lower), 1))],
    ),
}  # fmt: skip
"""By what it is: the convention's id and the names, all with sliders from 0 to 1 but Daz's."""

SIGNED: Final = ("Genesis 8.1", "Genesis 9")
"""Whose sliders go below 0."""


def the_face(which: str) -> Mesh:
    _, keys = FACES[which]
    return face(keys, -1.0 if which in SIGNED else 0.0)
